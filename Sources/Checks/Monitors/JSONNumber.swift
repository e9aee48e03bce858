import FoundationEssentials
import Model

/// Finds a number in a JSON document of somebody else.
enum JSONNumber {
    /// The number at a place, or the number that a string there holds; nil where there is none.
    static func find(_ path: JSONPath, in bytes: [UInt8]) -> Double? {
        let decoder = JSONDecoder()
        if let key = Finder.key { decoder.userInfo[key] = path.parts }
        return (try? decoder.decode(Finder.self, from: Data(bytes)))?.number
    }

    /// Walks to the place and looks at nothing else.
    private struct Finder: Decodable {
        static let key = CodingUserInfoKey(rawValue: "path")
        var number: Double?

        init(from decoder: any Decoder) throws {
            let parts = Finder.key.flatMap { decoder.userInfo[$0] as? [JSONPath.Part] } ?? []
            var place = decoder
            for part in parts {
                switch part {
                case .key(let name):
                    place = try place.container(keyedBy: Key.self).superDecoder(forKey: Key(stringValue: name))
                case .item(let number):
                    var list = try place.unkeyedContainer()
                    guard number < list.count ?? 0 else { return }
                    for _ in 0..<number { _ = try list.superDecoder() }
                    place = try list.superDecoder()
                }
            }
            let value = try place.singleValueContainer()
            if let found = try? value.decode(Double.self) {
                number = found.isFinite ? found : nil
            } else if let text = try? value.decode(String.self) {
                number = NumberText.read(text)
            }
        }
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
