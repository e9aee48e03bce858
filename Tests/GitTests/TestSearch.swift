import FoundationEssentials

/// Looks for planted secrets.
enum TestSearch {
    /// Whether any file below a folder holds a text.
    static func find(_ text: String, below folder: String) throws -> Bool {
        let pattern = Data(text.utf8)
        return try FileManager.default.subpathsOfDirectory(atPath: folder).contains { name in
            guard let data = try? Data(contentsOf: URL(filePath: folder + "/" + name)) else { return false }
            return data.firstRange(of: pattern) != nil
        }
    }
}
