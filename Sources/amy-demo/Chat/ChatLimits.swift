/// How much a guest may take: nothing is without a limit.
struct ChatLimits: Sendable {
  var guests = 10_000
  var nameLength = 20
  var lineLength = 512
  /// How many bytes may wait for one who does not read, before he is told so and dropped.
  var unread = 64 * 1024
  var idle = Duration.seconds(600)
  /// How long one who is dropped has to read why.
  var grace = Duration.seconds(5)
}
