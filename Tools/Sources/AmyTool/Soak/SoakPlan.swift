struct SoakPlan: Sendable {
  /// Decides each thread's acts and bytes, but not how the kernel interleaves them.
  let seed: UInt64
  /// They run one after the other.
  let models: [Model]
  /// Of each model.
  let duration: Duration
  /// How long a result may take before it is lost.
  var timeLimit: Duration { .seconds(20) }
}
