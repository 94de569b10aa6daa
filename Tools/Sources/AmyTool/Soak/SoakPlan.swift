/// What to soak, and for how long.
struct SoakPlan: Sendable {
  /// Decides what each thread does, and the bytes that are sent, but not how the kernel interleaves the threads.
  let seed: UInt64
  /// The models, which run one after the other.
  let models: [Model]
  /// The duration of each model.
  let duration: Duration
  /// How long an expected result may take before it counts as lost.
  var timeLimit: Duration { .seconds(20) }
}
