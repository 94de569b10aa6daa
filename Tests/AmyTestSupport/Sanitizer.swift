import Foundation

/// Which sanitizer watches, thread or address, if one does: .ci/run says so.
package let sanitizer = ProcessInfo.processInfo.environment["AMY_SANITIZED"]

/// Whether ThreadSanitizer does.
///
/// It does not know the threads that a forked child starts. And it makes the windows wide in which other threads hold locks of
/// Swift's runtime, for metadata of generic types: a child waits for such a lock for ever.
package let isThreadSanitized = sanitizer == "thread"
