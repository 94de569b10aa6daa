import Testing

/// Everything about the program.
///
/// One test at a time: each starts programs that take both cores, and pipes to them. 64 descriptors are enough.
@Suite(.serialized) enum ToolTests {}
