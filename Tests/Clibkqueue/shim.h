// libkqueue's header, which pkg-config finds.
#include <sys/event.h>
