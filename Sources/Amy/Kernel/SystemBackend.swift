// The one place that chooses a kernel. The manifest says AMY_KQUEUE where a kqueue is to be had on Linux.

#if AMY_KQUEUE || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)
package typealias SystemBackend = KqueueBackend
#elseif os(Linux) || os(Android)
package typealias SystemBackend = EpollBackend
#else
#error("Amy has no backend for this system: one is a file in this folder")
#endif
