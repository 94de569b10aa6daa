internal import ArgumentParser

@main
struct AmyDemo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "amy-demo",
    abstract: "An echo server over Amy in three threading models, and a generator that drives it.",
    discussion: DemoError.statusHelp,
    subcommands: [RunCommand.self, ServeCommand.self, LoadCommand.self, SoakCommand.self, DoctorCommand.self],
    defaultSubcommand: RunCommand.self)
}
