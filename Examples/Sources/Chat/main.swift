// The chat on a port: `swift run Chat`, and then `nc localhost 7007` any number of times.
import AmySockets

try Chat.serve(TCPListener(bindingTo: .loopback(port: 7007)), ChatLimits())
