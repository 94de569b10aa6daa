import CAmyProcess

/// Signals to this process.
package enum ProcessProbe {
  /// Sends a signal to the process, not to a thread: kill(2).
  package static func send(_ signal: Int32) {
    amy_signal_process(signal)
  }

  /// Takes a blocked signal as often as it is pending; nothing else may take it.
  package static func forget(_ signal: Int32) {
    amy_signal_forget(signal)
  }
}
