import Foundation
import Testing

/// Keeps phrases of the first, translated prose out; CONTRIBUTING says what to write instead.
@Suite("The language")
struct LanguageTests {
  static let phrases: KeyValuePairs = [
    "in the place of": "instead of", "worked off": "processed", "belongs into": "belongs in",
    "is mostly gone": "is the common path", "as often as you like": "any number of times",
    "as often as he": "any number of times",
    "be it that": "whether", "in vain": "without effect, spuriously", "hears of": "is notified of", "hear of": "be notified of",
    "rings the": "signals the", "is rung": "is signalled", "lies down": "parks", "gets up": "unparks", "to be had": "available",
    "see to it": "ensure", "sees to it": "ensures", "comes to an end": "ends", "so many bytes": "the given number of bytes",
    "thereby": "so", "who does not": "that does not", "who sleeps": "that sleeps", "by the way": "(leave it out)",
    "at hand": "available", "nobody is to": "no thread must", "turns in circles": "spins", "means seriously": "is realistic",
    "goes on to": "continues to", "is told of": "is notified of", "tell of": "report", "what came of": "the result of",
  ]

  static let folders = [
    "", ".ci", ".github", "Benchmarks", "Documentation", "Examples", "Snippets", "Sources", "Tests", "Tools", "Verification",
  ]

  @Test("is plain: none of the old phrases is in a source, a script or a document", arguments: folders)
  func plain(_ folder: String) throws {
    let texts = try Self.texts(in: folder)
    #expect(!texts.isEmpty)
    for file in texts {
      // Fuzzers' bytes are no text.
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
      let line = text.replacing(/\n\s*(\/\/\/?|#|\*)?\s*/, with: " ")
      for (phrase, better) in Self.phrases where line.contains(" \(phrase) ") {
        Issue.record("\(file.lastPathComponent): write \"\(better)\" instead of \"\(phrase)\"")
      }
    }
  }

  /// The texts of a folder, without what was built; of the root, only its own files.
  static func texts(in folder: String) throws -> [URL] {
    let keys: [URLResourceKey] = [.isRegularFileKey]
    let all = try #require(
      FileManager.default.enumerator(at: TidyTests.root.appending(path: folder), includingPropertiesForKeys: keys))
    var texts: [URL] = []
    while let file = all.nextObject() as? URL {
      let isFile = try file.resourceValues(forKeys: Set(keys)).isRegularFile == true
      if !isFile, folder.isEmpty || file.lastPathComponent.hasPrefix(".build") { all.skipDescendants() }
      // Not written by hand, not read as prose, or this list.
      let others = ["svg", "png", "json", "pyc", "resolved"]
      if isFile, !others.contains(file.pathExtension), !["LICENSE", "LanguageTests.swift"].contains(file.lastPathComponent) {
        texts.append(file)
      }
    }
    return texts
  }
}
