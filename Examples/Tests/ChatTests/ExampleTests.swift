import Testing

/// All tests of the examples in Swift; `Documentation/examples` runs the programs.
///
/// One test at a time: a signal ends a chat, and a process has one owner for each signal.
@Suite(.serialized) enum ExampleTests {}
