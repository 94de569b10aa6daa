/* How senders wake waiters: Sources/Amy/Core/WakeState.swift and PollerCore+Wait.swift, for spin (spinroot.com, Holzmann).
 *
 * Waiters sleep in the kernel until the waker is signalled or something else happens there. Senders put ready entries into a
 * list and change one word. Shown for all interleavings: when nothing more happens, the list is empty or no waiter sleeps,
 * however busy the others are; and the waker is never signalled again before its wake was consumed.
 *
 * Verification/models/run checks it, and also the variants that the macros break, in each of which spin must find the mistake.
 */

#ifndef WAITERS
#define WAITERS 2
#endif
#ifndef SENDERS
#define SENDERS 2
#endif
/* The messages of each sender, and the events in the kernel. */
#ifndef MESSAGES
#define MESSAGES 2
#endif
#define HAPPENINGS 1

/* The word, each change of which is one atomic operation; so is a read of it. */
bool hasReady, signalled;
byte sleepers;

/* The number of entries in the list, under its lock. */
byte list;
/* The kernel's state: the waker's edge, and other ready descriptors. */
bool waker;
byte ready = HAPPENINGS;

/* For the assertions. */
byte writes, inKernel;

inline signalWaker() {
  atomic {
    writes++;
    assert(writes == 1);
    waker = true
  }
}

/* Wakes a sleeper that was seen. */
inline handOff() {
  if
  :: mustSignal ->
     atomic { mustSignal = !signalled; signalled = true }
     if
     :: mustSignal -> signalWaker()
     :: else
     fi
  :: else
  fi
}

/* Entries may be left behind. */
inline finish() {
#ifndef NO_HAND_OFF
  mustSignal = hasReady && sleepers > 0;
  handOff()
#else
  skip
#endif
}

inline consumeWake() {
  atomic { signalled = false; writes = 0 }
}

/* Takes one entry, like a waiter whose buffer has room for one. */
inline collect() {
  atomic {
    if
    :: list > 0 -> list--; took = true
    :: else
    fi;
    if
    :: list == 0 -> hasReady = false
    :: else
    fi
  }
}

proctype Waiter() {
  bool sawReady, heard, took, mustSignal;
  do
  :: took = false;
#ifdef LOOKS_FIRST
     /* Reads the word, and only then registers as a sleeper. */
     sawReady = hasReady;
     sleepers++;
#else
     atomic { sawReady = hasReady; sleepers++ }
#endif
     heard = false;
     if
     :: sawReady -> skip
     :: else ->
        inKernel++;
end_asleep:
        if
        :: atomic { waker -> waker = false; heard = true }
        :: atomic { ready > 0 -> ready--; took = true }
        fi;
        inKernel--
     fi;
     sleepers--;
     if
     :: sawReady ->
        /* The kernel is asked without sleeping. */
        if
        :: atomic { waker -> waker = false; heard = true }
        :: skip
        fi
     :: else
     fi;
     /* The common path: the kernel brought only events, so it returns without looking into the list. */
     if
     :: took && !heard && !sawReady -> goto work
     :: else
     fi;
#ifdef FORGETS_THE_WAKER
     /* It skips this because it has an entry anyway. */
     collect();
     if
     :: heard && !took -> consumeWake()
     :: else
     fi;
#else
     if
     :: heard -> consumeWake()
     :: else
     fi;
     collect();
#endif
     if
     :: took ->
        finish();
work:
        /* Works on the entry: for ever, or until it waits again. */
        if
        :: true -> break
        :: true -> skip
        fi
     :: else
     fi
  od
}

proctype Sender() {
  bool mustSignal;
  byte count;
  for (count : 1 .. MESSAGES) {
    list++;
    atomic { mustSignal = sleepers > 0 && !signalled; hasReady = true }
    handOff()
  }
}

init {
  byte count;
  atomic {
    for (count : 1 .. WAITERS) { run Waiter() }
    for (count : 1 .. SENDERS) { run Sender() }
  }
end_quiet:
  /* No process can do anything more. */
  timeout -> assert(list == 0 || inKernel == 0)
}
