import CAmyProcess

/// Signals to this process.
package enum ProcessProbe {
  /// Sends a signal to this process as a whole, not to one of its threads: kill(2).
  package static func send(_ signal: Int32) {
    amy_signal_process(signal)
  }

  /// Takes a blocked signal as often as it is pending.
  ///
  /// Nothing else may take it meanwhile.
  package static func forget(_ signal: Int32) {
    amy_signal_forget(signal)
  }
}
