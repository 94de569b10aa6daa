/// Why a guest has to go, as it is told to him.
struct Farewell: Error, Equatable {
  let reason: String
  static let slow = Farewell(reason: "you read too slowly: goodbye")
}
