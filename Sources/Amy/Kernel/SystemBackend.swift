// The one place that chooses a kernel. The trait KqueueModel puts the test double of kqueue(2) under it on Linux.

#if KqueueModel || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)
package typealias SystemBackend = KqueueBackend
#elseif os(Linux) || os(Android)
package typealias SystemBackend = EpollBackend
#else
#error("Amy has no backend for this system: one is a file in this folder")
#endif
