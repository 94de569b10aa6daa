internal import Amy
internal import CAmy
internal import SystemPackage

/// An option that is an integer, or is on or off.
enum SocketOption {
  case reusesAddress, sharesPort, isV6Only, sendBufferSize, receiveBufferSize, noDelay
  case keepsAlive, keepAliveIdle, keepAliveInterval, keepAliveCount, userTimeout
  case hops, broadcasts, multicastHops, multicastLoops

  fileprivate func system(isV6: Bool) -> amy_option {
    switch self {
    case .reusesAddress: amy_option_reuse_address
    case .sharesPort: amy_option_share_port
    case .isV6Only: amy_option_v6_only
    case .sendBufferSize: amy_option_send_buffer
    case .receiveBufferSize: amy_option_receive_buffer
    case .noDelay: amy_option_no_delay
    case .keepsAlive: amy_option_keep_alive
    case .keepAliveIdle: amy_option_keep_alive_idle
    case .keepAliveInterval: amy_option_keep_alive_interval
    case .keepAliveCount: amy_option_keep_alive_count
    case .userTimeout: amy_option_user_timeout
    case .hops: isV6 ? amy_option_hops_v6 : amy_option_hops
    case .broadcasts: amy_option_broadcast
    case .multicastHops: isV6 ? amy_option_multicast_hops_v6 : amy_option_multicast_hops
    case .multicastLoops: isV6 ? amy_option_multicast_loop_v6 : amy_option_multicast_loop
    }
  }
}

extension SystemSocket {
  func value(of option: SocketOption) throws(PollerError) -> Int {
    try value(of: place(of: option))
  }

  func isOn(_ option: SocketOption) throws(PollerError) -> Bool {
    try value(of: place(of: option)) != 0
  }

  /// Refuses values outside the range, because kernels give them other meanings: the default, or the largest value.
  func set(_ option: SocketOption, to value: Int, within range: ClosedRange<Int> = 0...Int(CInt.max)) throws(PollerError) {
    guard range.contains(value) else { throw PollerError(.invalidArgument) }
    try check(amy_socket_set_option(descriptor, place(of: option), CInt(value)), of: .option)
  }

  func set(_ option: SocketOption, to isOn: Bool) throws(PollerError) {
    try set(option, to: isOn ? 1 : 0)
  }

  func pendingError() throws(PollerError) -> PollerError? {
    let errno = try value(of: amy_option_error)
    return errno == 0 ? nil : PollerError(result: CInt(truncatingIfNeeded: -errno), of: .read)
  }

  func linger() throws(PollerError) -> Duration? {
    var seconds: CInt = 0
    try check(unsafe amy_socket_linger(descriptor, &seconds), of: .option)
    return seconds < 0 ? nil : .seconds(Int(seconds))
  }

  func setLinger(_ duration: Duration?) throws(PollerError) {
    let seconds = if let duration { CInt(clamping: try duration.wholeSeconds) } else { CInt(-1) }
    try check(amy_socket_set_linger(descriptor, seconds), of: .option)
  }

  func setMembership(of group: Endpoint, on interface: UInt32, to isMember: Bool) throws(PollerError) {
    var address = group.address
    try check(unsafe amy_socket_set_membership(descriptor, &address, interface, isMember), of: .option)
  }

  func peerCredentials() throws(PollerError) -> PeerCredentials {
    var credentials = amy_credentials()
    try check(unsafe amy_socket_credentials(descriptor, &credentials), of: .option)
    return PeerCredentials(
      processID: credentials.process > 0 ? credentials.process : nil, userID: credentials.user,
      groupID: credentials.group)
  }

  /// Some options differ for v6.
  private func place(of option: SocketOption) throws(PollerError) -> amy_option {
    switch option {
    case .hops, .multicastHops, .multicastLoops: option.system(isV6: try localEndpoint().family == .ipv6)
    default: option.system(isV6: false)
    }
  }

  func value(of option: amy_option) throws(PollerError) -> Int {
    var value: CInt = 0
    try check(unsafe amy_socket_option(descriptor, option, &value), of: .option)
    return Int(value)
  }
}
