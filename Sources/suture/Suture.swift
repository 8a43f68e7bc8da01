import SutureCommands

/// The executable: hands the command line to the commands.
@main
enum Suture {
    static func main() async {
        await SutureCommand.start(Array(CommandLine.arguments.dropFirst()))
    }
}
