import Testing

/// All tests of the program, one at a time: each starts programs that use both cores, and pipes to them.
///
/// 64 descriptors are enough.
@Suite(.serialized) enum ToolTests {}
