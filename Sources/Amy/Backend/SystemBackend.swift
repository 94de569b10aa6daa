// The one place that chooses a kernel.

#if os(Linux) || os(Android)
package typealias SystemBackend = EpollBackend
#else
#error("Amy has no backend for this system yet: kqueue is the next one")
#endif
