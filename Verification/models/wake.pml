/* How senders wake waiters: Sources/Amy/Core/WakeState.swift and PollerCore+Wait.swift, for spin (spinroot.com, Holzmann).
 *
 * Waiters sleep in the kernel until the waker rings or something else happens there. Senders put news into a list and change
 * one word. Shown for all interleavings: when nothing more happens there is no news while a waiter sleeps, be the others as busy
 * as they like; and the waker is never rung again before it was heard.
 *
 * Verification/models/run runs it, and also what the macros break, each of which spin must find.
 */

#ifndef WAITERS
#define WAITERS 2
#endif
#ifndef SENDERS
#define SENDERS 2
#endif
/* Messages of each sender, and things that happen in the kernel. */
#ifndef MESSAGES
#define MESSAGES 2
#endif
#define HAPPENINGS 1

/* The word, each change of which is one atomic operation; a look at it is one, too. */
bool news, rung;
byte sleepers;

/* What the list holds, under its lock. */
byte list;
/* The kernel's: the waker's edge, and other things that are ready. */
bool waker;
byte ready = HAPPENINGS;

/* For what is to be shown. */
byte writes, inKernel;

inline ring() {
  atomic {
    writes++;
    assert(writes == 1);
    waker = true
  }
}

/* For a sleeper that was seen. */
inline handOff() {
  if
  :: mustRing ->
     atomic { mustRing = !rung; rung = true }
     if
     :: mustRing -> ring()
     :: else
     fi
  :: else
  fi
}

/* Something is left behind. */
inline finish() {
#ifndef NO_PASSING_ON
  mustRing = news && sleepers > 0;
  handOff()
#else
  skip
#endif
}

inline hear() {
  atomic { rung = false; writes = 0 }
}

/* Takes one, as a waiter does whose buffer has room for one. */
inline collect() {
  atomic {
    if
    :: list > 0 -> list--; took = true
    :: else
    fi;
    if
    :: list == 0 -> news = false
    :: else
    fi
  }
}

proctype Waiter() {
  bool hasNews, heard, took, mustRing;
  do
  :: took = false;
#ifdef LOOKS_FIRST
     /* Looks, and only then says that it will sleep. */
     hasNews = news;
     sleepers++;
#else
     atomic { hasNews = news; sleepers++ }
#endif
     heard = false;
     if
     :: hasNews -> skip
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
     :: hasNews ->
        /* The kernel is asked without sleeping. */
        if
        :: atomic { waker -> waker = false; heard = true }
        :: skip
        fi
     :: else
     fi;
#ifdef FORGETS_THE_BELL
     /* Because it has something in hand anyway. */
     collect();
     if
     :: heard && !took -> hear()
     :: else
     fi;
#else
     if
     :: heard -> hear()
     :: else
     fi;
     collect();
#endif
     if
     :: took ->
        finish();
        /* Works on what it got: for ever, or until it waits again. */
        if
        :: true -> break
        :: true -> skip
        fi
     :: else
     fi
  od
}

proctype Sender() {
  bool mustRing;
  byte count;
  for (count : 1 .. MESSAGES) {
    list++;
    atomic { mustRing = sleepers > 0 && !rung; news = true }
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
  /* Nobody can do anything more. */
  timeout -> assert(list == 0 || inKernel == 0)
}
