#if KqueueModel
import Glibc
import KqueueModel
import Testing

extension Model {
  @Suite("Change lists")
  struct ChangeTests {
    let queue: Queue
    let pair: Pair

    init() throws {
      queue = try Queue()
      pair = try Pair()
    }

    @Test("a kevent is identified by ident and filter; there is only one of each in a queue")
    func identity() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD, udata: 1), change(pair.near, readFilter, EV_ADD, udata: 2))
      queue.apply(change(pair.near, writeFilter, EV_ADD, udata: 3), change(pair.near, userFilter, EV_ADD, udata: 4))
      queue.apply(change(pair.near, userFilter, 0, fflags: UInt32(NOTE_TRIGGER), udata: 4))
      #expect(queue.events().map(\.tag) == [2, 3, 4])
    }

    @Test("the filter is executed upon registration to detect a preexisting condition")
    func preexisting() {
      pair.send(3)
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_CLEAR))
      #expect(queue.events().map(\.data) == [3])
      #expect(queue.events().isEmpty)
    }

    @Test("re-adding modifies the parameters: udata, and the low water mark")
    func modifies() {
      pair.send(3)
      let mark = UInt32(NOTE_LOWAT)
      queue.apply(change(pair.near, readFilter, EV_ADD, fflags: mark, data: 4, udata: 1))
      #expect(queue.events().isEmpty)
      queue.apply(change(pair.near, readFilter, EV_ADD, fflags: mark, data: 3, udata: 2))
      #expect(queue.events().map(\.tag) == [2])
    }

    @Test("C1: re-adding does not change EV_CLEAR: not to level", arguments: [EV_CLEAR, EV_DISPATCH, EV_ONESHOT])
    func flagsStick(_ flag: CInt) {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD | flag), change(pair.near, readFilter, EV_ADD))
      #expect(queue.events().map { $0.has(flag) } == [true])
      #expect(queue.events().isEmpty)
    }

    @Test("C1: nor from level", arguments: [EV_CLEAR, EV_DISPATCH, EV_ONESHOT])
    func flagsAreNotTakenOn(_ flag: CInt) {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD), change(pair.near, readFilter, EV_ADD | flag))
      for _ in 0..<3 { #expect(queue.events().map { $0.has(flag) } == [false]) }
    }

    @Test("C1: a delete and an add in one list change them")
    func replaced() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD))
      queue.apply(change(pair.near, readFilter, EV_DELETE), change(pair.near, readFilter, EV_ADD | EV_CLEAR))
      #expect(queue.events().count == 1)
      #expect(queue.events().isEmpty)
    }

    @Test("C2: re-adding alone does not enable a disabled event, whatever the manual says; EV_ENABLE does")
    func addingDoesNotEnable() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_DISABLE), change(pair.near, readFilter, EV_ADD))
      #expect(queue.events().isEmpty)
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_ENABLE))
      #expect(queue.events().count == 1)
    }

    @Test("EV_DISABLE: kevent does not return it; EV_ENABLE permits it, and checks at once")
    func disabled() {
      queue.apply(change(pair.near, readFilter, EV_ADD))
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_DISABLE))
      #expect(queue.events().isEmpty)
      #expect(!queue.isReadable)
      queue.apply(change(pair.near, readFilter, EV_ENABLE))
      #expect(queue.isReadable)
      #expect(queue.events().count == 1)
    }

    @Test("C3: enabling checks again, even after EV_CLEAR was delivered")
    func enablingLooks() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_CLEAR))
      #expect(queue.events().count == 1)
      #expect(queue.events().isEmpty)
      queue.apply(change(pair.near, readFilter, EV_ENABLE))
      #expect(queue.events().count == 1)
      #expect(queue.events().isEmpty)
    }

    @Test("adding an event enables it, unless EV_DISABLE is given")
    func addedDisabled() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_DISABLE))
      #expect(queue.events().isEmpty)
    }

    @Test("EV_DELETE removes the event")
    func deleted() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD), change(pair.near, readFilter, EV_DELETE))
      #expect(queue.events().isEmpty)
      #expect(!queue.isReadable)
    }

    @Test("ENOENT: the event could not be found to be modified or deleted", arguments: [EV_DELETE, EV_ENABLE, EV_DISABLE, 0])
    func notFound(_ flags: CInt) {
      queue.apply(change(pair.near, readFilter, EV_ADD))
      #expect(queue.apply(change(pair.near, writeFilter, flags)) == ENOENT)
      #expect(queue.apply(change(1, userFilter, flags)) == ENOENT)
    }

    @Test("EBADF: the specified descriptor is invalid", arguments: [EV_ADD, EV_DELETE, EV_ENABLE])
    func badDescriptor(_ flags: CInt) {
      #expect(queue.apply(change(999, readFilter, flags)) == EBADF)
      #expect(queue.apply(change(UInt.max, readFilter, flags)) == EBADF)
    }

    @Test("EINVAL: the filter is invalid", arguments: [1, -16, Int16.min])
    func badFilter(_ filter: Int16) {
      #expect(queue.apply(change(pair.near, CInt(filter), EV_ADD)) == EINVAL)
    }

    @Test("E5: a filter of 0 is skipped")
    func noFilter() {
      #expect(queue.apply(change(99, 0, EV_ADD | EV_RECEIPT)) == 0)
      #expect(queue.receipts(change(99, 0, EV_RECEIPT), change(pair.near, readFilter, EV_ADD | EV_RECEIPT)).count == 1)
    }

    @Test("C4: enable and disable together, or EV_KEEPUDATA with EV_ADD, are invalid")
    func contradictions() {
      #expect(queue.apply(change(pair.near, readFilter, EV_ADD | EV_ENABLE | EV_DISABLE)) == EINVAL)
      #expect(queue.apply(change(pair.near, readFilter, EV_ADD | EV_KEEPUDATA)) == EINVAL)
    }

    @Test("C5: any change sets udata, unless EV_KEEPUDATA")
    func udata() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD, udata: 1), change(pair.near, readFilter, EV_ENABLE, udata: 2))
      #expect(queue.events().map(\.tag) == [2])
      queue.apply(change(pair.near, readFilter, EV_ENABLE | EV_KEEPUDATA, udata: 3))
      #expect(queue.events().map(\.tag) == [2])
    }

    @Test("C6: EV_FORCEONESHOT delivers one event though nothing happened")
    func forced() {
      queue.apply(change(pair.near, readFilter, EV_ADD), change(pair.near, readFilter, EV_FORCEONESHOT))
      #expect(queue.events().count == 1)
      #expect(queue.apply(change(pair.near, readFilter, EV_DELETE)) == ENOENT)
    }

    @Test("EV_RECEIPT forces EV_ERROR, with data zero, and drains nothing")
    func receipt() throws {
      pair.send()
      let receipts = queue.receipts(
        change(pair.near, readFilter, EV_ADD | EV_RECEIPT, udata: 5), change(pair.near, writeFilter, EV_ADD | EV_RECEIPT))
      #expect(receipts.map(\.filter) == [Int16(readFilter), Int16(writeFilter)])
      #expect(receipts.allSatisfy { $0.flags == UInt16(EV_ERROR) && $0.data == 0 && $0.ident == UInt(pair.near) })
      #expect(receipts.first?.tag == 5)
      #expect(queue.events().count == 2)
    }

    @Test("an error takes the place of its event, with EV_ERROR and the errno; the other changes are applied")
    func errorsAmongChanges() {
      let answers = queue.receipts(
        change(pair.near, readFilter, EV_DELETE), change(999, readFilter, EV_ADD), change(pair.near, writeFilter, EV_ADD))
      #expect(answers.map(\.data) == [Int64(ENOENT), Int64(EBADF)])
      #expect(queue.events().map(\.filter) == [Int16(writeFilter)])
    }

    @Test("without room for it, the call fails with the error, and what follows is not applied")
    func errorWithoutRoom() {
      let error = queue.apply(change(pair.near, readFilter, EV_DELETE), change(pair.near, writeFilter, EV_ADD))
      #expect(error == ENOENT)
      #expect(queue.events().isEmpty)
    }

    @Test("when a receipt finds no room, subsequent changes are not processed")
    func receiptWithoutRoom() {
      let error = queue.apply(change(pair.near, writeFilter, EV_ADD | EV_RECEIPT), change(1, userFilter, EV_ADD))
      #expect(error == 0)
      #expect(queue.events().count == 1, "the first was applied")
      #expect(queue.apply(change(1, userFilter, EV_DELETE)) == ENOENT, "the second was not")
    }

    @Test("the same array may be used for changes and events")
    func sameArray() {
      pair.send()
      var both = [
        change(pair.near, readFilter, EV_ADD, udata: 1), change(pair.near, writeFilter, EV_ADD, udata: 2),
        change(pair.far, writeFilter, EV_ADD, udata: 3),
      ]
      let count = both.withUnsafeMutableBufferPointer { array in
        kevent(queue.number, UnsafePointer(array.baseAddress), 3, array.baseAddress, 3, nil)
      }
      #expect(count == 3)
      #expect(both.map(\.tag) == [1, 2, 3])
    }

    @Test("all changes are applied before any pending events are read")
    func changesFirst() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD))
      var changes = [change(pair.near, readFilter, EV_DISABLE), change(pair.near, writeFilter, EV_ADD)]
      var events = Array(repeating: kevent(), count: 4)
      #expect(kevent(queue.number, &changes, 2, &events, 4, nil) == 1)
      #expect(events[0].filter == Int16(writeFilter))
    }

    @Test("E4: the system's flags are ignored in a change")
    func systemFlags() {
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_EOF | EV_ERROR))
      #expect(queue.events().map { $0.flags & UInt16(EV_EOF | EV_ERROR) } == [0])
    }

    @Test("ext is passed through unchanged")
    func extensions() {
      pair.send()
      var addition = change(pair.near, readFilter, EV_ADD)
      addition.ext = (1, 2, 3, 4)
      queue.apply(addition)
      #expect(queue.events().first?.ext.3 == 4)
    }

    @Test("missing filters of the double return an error")
    func missingFilters() {
      #expect(queue.apply(change(pair.near, CInt(EVFILT_VNODE), EV_ADD)) == ENXIO)
      #expect(queue.apply(change(pair.near, CInt(EVFILT_EMPTY), EV_DELETE)) == ENOENT)
    }
  }
}
#endif
