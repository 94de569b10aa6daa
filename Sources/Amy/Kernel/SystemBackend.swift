// The one place that chooses a kernel. On Linux, the trait KqueueModel chooses kqueue(2), over its test double.

#if KqueueModel || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)
package typealias SystemBackend = KqueueBackend
#elseif os(Linux) || os(Android)
package typealias SystemBackend = EpollBackend
#else
#error("Amy has no backend for this system: add one to this folder")
#endif
