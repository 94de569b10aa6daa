internal import ArgumentParser

@main
struct AmyTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "amy",
    abstract: "An echo server over Amy in three threading models, and a load generator.",
    discussion: ToolError.statusHelp,
    subcommands: [RunCommand.self, ServeCommand.self, LoadCommand.self, SoakCommand.self, DoctorCommand.self],
    defaultSubcommand: RunCommand.self)
}
