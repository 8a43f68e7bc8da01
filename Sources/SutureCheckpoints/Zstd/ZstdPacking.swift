/// Weight files packed with zstd: `model.safetensors.zst`, and `model.safetensors.planes.zst` with planes.
package struct ZstdPacking: WeightPacking {
    /// Packs and reads what is packed.
    package init() {}

    package let endings = [".planes.zst", ".zst"]

    /// The name of a file once it is packed.
    package func name(_ name: String, splitsPlanes: Bool) -> String { name + endings[splitsPlanes ? 0 : 1] }

    package func open(_ file: any ByteSource, keeping frames: FrameCache) throws(FileError) -> any ByteSource {
        try PackedFile(file, keeping: frames)
    }
}
