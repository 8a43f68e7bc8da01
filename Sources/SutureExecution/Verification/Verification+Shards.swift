import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SutureTensors
import SystemPackage

extension Verification {
    /// Looks at a weight file, and at no tensor of it.
    ///
    /// - Returns: The file, unless none of its tensors could be where they should.
    func checkShard(
        _ number: Int,
        _ present: Set<String>,
        _ outcome: inout Outcome
    ) throws(ExecutionError) -> ShardContent? {
        let shard = manifest.shards[number]
        guard let name = WeightPackings.spellings(shard.name).first(where: present.contains) else {
            outcome.note(
                .missingFile(folder.appending(shard.name), tensors: tensorCount(of: number)),
                about: shard.name
            )
            return nil
        }
        let path = folder.appending(name)
        let content: any ByteSource
        let head: ContentHash?
        do throws(FileError) {
            content = try ShardContent.read(path)
            head = content.byteCount < shard.dataStart ? nil : try content.contentHash(of: 0..<shard.dataStart)
        } catch {
            guard case .corrupt = error.cause else { throw ExecutionError(error) }
            outcome.note(error.diagnostic, about: name)
            return nil
        }
        if head != shard.header, let other = try place(of: content, except: number) {
            outcome.note(.swappedShard(path, is: manifest.shards[other].name), about: name)
            return nil
        }
        if content.byteCount < shard.byteCount {
            let lost = manifest.ranges.indices.filter { index in
                manifest.tensors[index].shard == number && manifest.ranges[index].upperBound > content.byteCount
            }
            let first = lost.first.map { manifest.tensors[$0].spec.name }
            outcome.note(.truncated(path, content.byteCount, of: shard.byteCount, first, lost.count), about: name)
        } else if content.byteCount > shard.byteCount {
            outcome.note(.tooLong(path, content.byteCount, of: shard.byteCount), about: name)
        }
        if let head, head != shard.header {
            outcome.note(.changedHeader(path, differing: differingEntry(of: number, in: content)), about: name)
        }
        return ShardContent(name: name, content: content)
    }

    private func tensorCount(of shard: Int) -> Int { manifest.tensors.count { $0.shard == shard } }

    /// The shard whose place a file's content has, by its header.
    private func place(of content: any ByteSource, except number: Int) throws(ExecutionError) -> Int? {
        for (other, shard) in manifest.shards.enumerated()
        where other != number && shard.dataStart <= content.byteCount {
            let head = try ExecutionError.system { () throws(FileError) in
                try content.contentHash(of: 0..<shard.dataStart)
            }
            if head == shard.header { return other }
        }
        return nil
    }

    /// The first tensor of which a header says something else than the manifest, where the header can be read.
    private func differingEntry(of number: Int, in content: any ByteSource) -> String? {
        guard let header = try? SafetensorsHeader.read(content, called: content.path.string) else { return nil }
        let wanted = zip(manifest.tensors, manifest.ranges).filter { $0.0.shard == number }
        for (place, (tensor, range)) in wanted.enumerated() {
            guard place < header.entries.count else { return tensor.spec.name }
            let entry = header.entries[place]
            guard entry.spec == tensor.spec, entry.byteRange.lowerBound + header.dataStart == range.lowerBound else {
                return tensor.spec.name
            }
        }
        return nil
    }
}
