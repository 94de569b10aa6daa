public import SystemPackage

/// A source together with its registration: it owns both, and removes the registration before it closes the source.
///
/// ```swift
/// let registration = try Registration(stream, with: registrar, for: .readable)
/// // ... an event of registration.id came: use registration.source, then
/// try registration.arm(for: .writable)
/// ```
///
/// Move-only, so that a socket has one owner, on any thread. It keeps the id and the trigger. When it is destroyed, the poller
/// forgets the descriptor first, and then the source is destroyed, which closes a descriptor that it owns. ``deregister()``
/// returns the source instead.
public struct Registration<Source: Pollable & ~Copyable>: ~Copyable {
  // In this order: the first is destroyed first.
  @usableFromInline
  internal let link: Link
  /// The registered source, which cannot be replaced: keep state that changes beside the registration, or in a class.
  public let source: Source

  /// Takes a source and registers it.
  ///
  /// - Parameters:
  ///   - source: Destroyed, and so closed if it owns its descriptor, when registering fails.
  ///   - id: A reserved id; a fresh one if nil.
  ///   - registrar: Of the poller to register with.
  ///   - interest: What to report first.
  ///   - trigger: When to report it, for good: ``arm(for:)`` keeps it.
  ///
  /// - Throws: What ``Registrar/register(_:as:for:trigger:)`` throws, which is its one system call.
  public init(
    _ source: consuming Source, as id: Event.ID? = nil, with registrar: Registrar, for interest: Interest,
    trigger: Trigger = .once
  ) throws(PollerError) {
    let id = id ?? registrar.reserveID()
    try registrar.register(source, as: id, for: interest, trigger: trigger)
    link = Link(id: id, trigger: trigger, descriptor: source.fileDescriptor, registrar: registrar)
    self.source = source
  }

  /// The id that its events carry.
  public var id: Event.ID { link.id }

  /// The trigger that it was created with.
  public var trigger: Trigger { link.trigger }

  /// Changes the interest, or arms the same interest again.
  ///
  /// One system call: ``Registrar/reregister(_:as:for:trigger:)`` with the id and the trigger of this registration, whose
  /// errors it throws.
  @inlinable
  public func arm(for interest: Interest) throws(PollerError) {
    try link.registrar.reregister(link.descriptor, as: link.id, for: interest, trigger: link.trigger)
  }

  /// Ends the registration and returns the source, open.
  ///
  /// One system call. Cannot fail: if the poller is closed, or belongs to this process's parent, nothing is left to remove.
  public consuming func deregister() -> Source {
    // Destroying the link removes the registration.
    source
  }
}

extension Registration: Sendable where Source: Sendable & ~Copyable {}

/// The registration alone, destroyed before the source: a type with a `deinit` could not be taken apart to return the source.
@usableFromInline
internal struct Link: ~Copyable, Sendable {
  @usableFromInline
  internal let id: Event.ID
  @usableFromInline
  internal let trigger: Trigger
  @usableFromInline
  internal let descriptor: FileDescriptor
  @usableFromInline
  internal let registrar: Registrar

  internal init(id: Event.ID, trigger: Trigger, descriptor: FileDescriptor, registrar: Registrar) {
    self.id = id
    self.trigger = trigger
    self.descriptor = descriptor
    self.registrar = registrar
  }

  deinit {
    try? registrar.deregister(descriptor)
  }
}
