/// What is to be soaked, and for how long.
struct SoakPlan: Sendable {
  /// It decides what each thread does, and the bytes that are sent; not how the kernel weaves the threads together.
  let seed: UInt64
  /// One after the other.
  let models: [Model]
  /// Of each of them.
  let duration: Duration
  /// After how long what did not happen is lost.
  var timeLimit: Duration { .seconds(20) }
}
