// swift-tools-version: 6.2

import PackageDescription

// MARK: - House rules

let houseRules: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),  // a block of merge inputs lends its rows as spans
    .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

/// Linux hides `fallocate`, `sync_file_range` and their kin behind this macro.
let linuxCalls: [CSetting] = [.define("_GNU_SOURCE")]

func room(_ name: String, uses dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        cSettings: linuxCalls,
        swiftSettings: houseRules + [.strictMemorySafety()]
    )
}

/// The loops of `SutureKernels` once more, for wider vectors.
///
/// A target has one set of flags, so each is a link to the one folder. Debug builds use no newer instructions: nothing
/// is inlined there, and what the linker merges with other rooms' code must run everywhere.
func moreLoops(_ name: String, for architecture: String) -> Target {
    .target(
        name: name,
        dependencies: ["SutureTensors"],
        swiftSettings: houseRules + [
            .strictMemorySafety(),
            .unsafeFlags(["-Xcc", "-march=\(architecture)"], .when(configuration: .release)),
        ]
    )
}

#if arch(x86_64)
    let wideLoops = [moreLoops("SutureLoopsV3", for: "x86-64-v3"), moreLoops("SutureLoopsV4", for: "x86-64-v4")]
#else
    let wideLoops: [Target] = []
#endif

func tests(_ name: String, of rooms: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: rooms + ["SutureTestSupport"], swiftSettings: houseRules)
}

/// The rooms below the planner, for tests of it and of what lies above.
let planned: [Target.Dependency] = [
    "SutureDiagnostics", "SutureTensors", "SutureJSON", "SutureKernels", "SutureCheckpoints", "SutureArchitectures",
    "SutureTokenizers", "SutureMerging", "SutureMergekit", "SutureRecipes", system,
]

// MARK: - The house, lowest room first. A room may import only rooms listed above it.

let package = Package(
    name: "suture",
    products: [
        .executable(name: "suture", targets: ["suture"]),
        .library(name: "SutureKit", targets: ["SutureKit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        // Outside walls: C libraries from the system.
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // Words: what every room speaks.
        room("SutureDiagnostics"),
        room("SutureTensors"),
        room("SutureJSON", uses: ["SutureDiagnostics"]),

        // Engines: they know nothing of recipes or plans.
        room("SutureKernels", uses: ["SutureTensors"] + wideLoops.map { .byName(name: $0.name) }),
        room(
            "SutureCheckpoints",
            uses: [
                "SutureDiagnostics", "SutureTensors", "SutureJSON", "SutureKernels", "CZstd", "CXXHash", "CCrypto",
                system,
            ]
        ),
        room("SutureArchitectures", uses: ["SutureDiagnostics", "SutureTensors", "SutureJSON"]),
        room("SutureMerging", uses: ["SutureTensors", "SutureKernels"]),
        room("SutureMergekit", uses: ["SutureTensors", "SutureKernels", "SutureMerging"]),

        room("SutureTokenizers", uses: ["SutureJSON"]),

        // The path a recipe travels.
        room("SutureRecipes", uses: ["SutureDiagnostics", "SutureJSON", "SutureTensors", "CLibYAML"]),
        room(
            "SuturePlanning",
            uses: [
                "SutureDiagnostics", "SutureTensors", "SutureJSON", "SutureCheckpoints", "SutureArchitectures",
                "SutureTokenizers",
                "SutureMerging",
                "SutureRecipes", system,
            ]
        ),
        room(
            "SutureExecution",
            uses: [
                "SutureDiagnostics", "SutureTensors", "SutureJSON", "SutureKernels", "SutureCheckpoints",
                "SutureMerging",
                "SuturePlanning", system,
            ]
        ),

        // Eyes: what weights are, and how they differ.
        room(
            "SutureAnalysis",
            uses: [
                "SutureTensors", "SutureJSON", "SutureKernels", "SutureCheckpoints", "SutureArchitectures",
                "SutureTokenizers", "SutureRecipes", "SuturePlanning", "SutureExecution",
            ]
        ),

        // The way in for models by name: the hub's protocol, and the ranges of files that were fetched.
        room(
            "SutureHub",
            uses: [
                "SutureDiagnostics", "SutureJSON", "SutureTensors", "SutureCheckpoints", "SutureMerging",
                "SuturePlanning", "SutureExecution", "CCurl", system,
            ]
        ),

        // Front doors: one for programs, one for people.
        room(
            "SutureKit",
            uses: [
                "SutureDiagnostics", "SutureTensors", "SutureJSON", "SutureCheckpoints", "SutureArchitectures",
                "SutureTokenizers", "SutureMerging", "SutureMergekit",
                "SutureRecipes", "SuturePlanning", "SutureExecution", "SutureAnalysis", "SutureHub", system,
            ]
        ),
        room("SutureCommands", uses: ["SutureKit", argumentParser]),
        .executableTarget(name: "suture", dependencies: ["SutureCommands"], swiftSettings: houseRules),

        // Tests mirror the rooms.
        .target(
            name: "SutureTestSupport",
            dependencies: ["SutureDiagnostics", "SutureTensors", "SutureJSON", "SutureCheckpoints", system],
            path: "Tests/SutureTestSupport",
            swiftSettings: houseRules
        ),
        tests("SutureDiagnosticsTests", of: ["SutureDiagnostics"]),
        tests("SutureTensorsTests", of: ["SutureTensors"]),
        tests("SutureJSONTests", of: ["SutureJSON", "SutureDiagnostics"]),
        tests("SutureKernelsTests", of: ["SutureKernels", "SutureTensors"]),
        tests(
            "SutureCheckpointsTests",
            of: ["SutureCheckpoints", "SutureDiagnostics", "SutureTensors", "SutureJSON", "SutureKernels", system]
        ),
        tests(
            "SutureArchitecturesTests",
            of: [
                "SutureArchitectures", "SutureDiagnostics", "SutureTensors", "SutureJSON", "SutureCheckpoints", system,
            ]
        ),
        tests(
            "SutureMergingTests",
            of: ["SutureMerging", "SutureMergekit", "SutureKernels", "SutureTensors", "SutureCheckpoints", system]
        ),
        tests("SutureRecipesTests", of: ["SutureRecipes", "SutureDiagnostics", "SutureTensors", "SutureJSON"]),
        tests("SutureTokenizersTests", of: ["SutureTokenizers", "SutureJSON"]),
        tests("SuturePlanningTests", of: planned + ["SuturePlanning"]),
        tests("SutureExecutionTests", of: planned + ["SuturePlanning", "SutureExecution", "SutureKit"]),
        tests(
            "SutureAnalysisTests",
            of: planned + ["SuturePlanning", "SutureExecution", "SutureAnalysis", "SutureKit"]
        ),
        tests("SutureHubTests", of: planned + ["SutureHub"]),
        tests("SutureKitTests", of: ["SutureKit", "SutureCheckpoints", system]),
        tests("SutureCommandsTests", of: planned + ["SuturePlanning", "SutureKit", "SutureCommands", argumentParser]),
        .executableTarget(
            name: "suture-benchmarks",
            dependencies: planned + ["SuturePlanning", "SutureExecution", "SutureKit"],
            path: "Tests/SutureBenchmarks",
            cSettings: linuxCalls,
            swiftSettings: houseRules
        ),
    ] + wideLoops
)
