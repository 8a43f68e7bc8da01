import SutureCommands

/// The executable: hands the command line to the commands.
@main
enum Suture {
    static func main() {
        SutureCommand.start(Array(CommandLine.arguments.dropFirst()))
    }
}
