// The one place that chooses a kernel. The trait KqueueModel replaces it with the test double of kqueue(2) on Linux.

#if KqueueModel || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)
package typealias SystemBackend = KqueueBackend
#elseif os(Linux) || os(Android)
package typealias SystemBackend = EpollBackend
#else
#error("Amy has no backend for this system: add one to this folder")
#endif
