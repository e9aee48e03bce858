import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// A published port where it listens; else, on the host's network, the port itself; else the container's own address.
    /// Of an engine elsewhere neither its loopback nor its containers' own addresses can be reached: those are nil.
    package func address(of port: Int?, _ target: InstanceTarget) async throws(DriverFailure) -> String? {
        let block = target.deployable.block
        let engine = try await engine(for: block)
        let found = await slots.with {
            await Self.list(ContainerLabels.finding(target), engine, timeout(block))
        }
        switch found {
        case .success(let list): return list.first.flatMap { address(of: port, $0, block, engine) }
        case .failure(let error): throw DriverFailure(error.description)
        }
    }

    private func address(
        of port: Int?, _ found: ListedContainer, _ block: Value, _ engine: Engine
    ) -> String? {
        let open = (found.Ports ?? []).filter { $0.Type != "udp" }
        let named = block["ports"].list.lazy.filter { $0["protocol"].string != "udp" }
            .compactMap { $0["container"].int }.first
        guard let port = port ?? named ?? open.map(\.PrivatePort).min() else { return nil }
        let place = engine.access.address
        if let entry = open.first(where: { $0.PrivatePort == port && ($0.PublicPort ?? 0) > 0 }),
            let published = entry.PublicPort
        {
            return place.place(ofPublished: entry.IP ?? "").map { "\($0):\(published)" }
        }
        if block["networks"].list.isEmpty, block["network_mode"] == .string("host") {
            return "\(place.host ?? "127.0.0.1"):\(port)"
        }
        guard place.host == nil else { return nil }
        let addresses = (found.NetworkSettings?.Networks ?? [:]).sorted { $0.key < $1.key }
            .compactMap(\.value.IPAddress).filter { !$0.isEmpty }
        return addresses.first.map { ($0.contains(":") ? "[\($0)]" : $0) + ":\(port)" }
    }
}
