import Foundation

/// The active sanitizer, thread or address: .ci/run sets it.
package let sanitizer = ProcessInfo.processInfo.environment["AMY_SANITIZED"]

/// Whether ThreadSanitizer is active.
///
/// It does not know the threads that a forked child starts. And other threads hold locks of Swift's runtime longer, for
/// metadata of generic types: a child waits for a held one forever.
package let isThreadSanitized = sanitizer == "thread"
