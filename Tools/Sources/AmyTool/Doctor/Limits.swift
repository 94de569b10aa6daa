internal import AmyThreads

/// A server's limits, and the values below which they are low.
struct Limits {
  static func look() -> [Finding] {
    [descriptors()] + [allDescriptors(), watches(), backlog(), ports()].compactMap { $0 }
  }

  private static func descriptors() -> Finding {
    let limit = DescriptorLimit.current
    let text = "soft \(number(limit.soft)), hard \(number(limit.hard)), \(Format.count(DescriptorLimit.open)) open"
    if limit.hard < 4_096 {
      return Finding(
        "descriptors", text, .low,
        advice: "low for a server: ulimit -n, /etc/security/limits.conf, LimitNOFILE= of systemd, docker's --ulimit nofile=")
    }
    if limit.soft < 4_096 {
      return Finding("descriptors", text, advice: "a server raises the soft limit by itself, as this program does")
    }
    return Finding("descriptors", text)
  }

  private static func allDescriptors() -> Finding? {
    sysctl("fs.file-max", atLeast: 65_536, "descriptors in the whole system")
  }

  private static func watches() -> Finding? {
    sysctl("fs.epoll.max_user_watches", atLeast: 65_536, "registrations per user")
  }

  private static func backlog() -> Finding? {
    sysctl("net.core.somaxconn", atLeast: 1_024, "connections waiting to be accepted")
  }

  private static func ports() -> Finding? {
    guard let range = read("net.ipv4.ip_local_port_range"), range.count == 2 else { return nil }
    let count = range[1] - range[0] + 1
    let text = "\(range[0]) to \(range[1]): \(Format.count(count)) connections from one address to one server"
    let name = "net.ipv4.ip_local_port_range"
    if count >= 10_000 { return Finding(name, text) }
    return Finding(name, text, .low, advice: "sysctl -w \(name)='10240 65000', or connect from several addresses")
  }

  private static func sysctl(_ name: String, atLeast enough: Int, _ what: String) -> Finding? {
    guard let value = read(name)?.first else { return nil }
    let text = "\(number(value)) \(what)"
    if value >= enough { return Finding(name, text) }
    return Finding(name, text, .low, advice: "sysctl -w \(name)=\(enough)")
  }

  private static func number(_ value: Int) -> String {
    value >= 1 << 40 ? "unlimited" : Format.count(value)
  }

  private static func read(_ name: String) -> [Int]? {
    TextFile.read("/proc/sys/" + name.split(separator: ".").joined(separator: "/"))?
      .split { $0 == " " || $0 == "\t" }.map { Int($0) ?? .max }
  }
}
