package dev.galatea.engine.validate;

import dev.galatea.records.request.Understood;
import java.util.List;
import java.util.Optional;

/** Which words mean anything to whoever is to carry out a prompt. */
public interface Vocabulary extends AutoCloseable {

  /** Every word may mean something, for all that is known. */
  Vocabulary ANY =
      new Vocabulary() {
        @Override
        public boolean understands(String text) {
          return true;
        }

        @Override
        public Optional<Understood> understood(String text) {
          return Optional.empty();
        }

        @Override
        public List<String> examples() {
          return List.of();
        }

        @Override
        public void close() {
          // Holds nothing.
        }
      };

  /** Whether anything of a text says something about looks; a text that is not blank. */
  boolean understands(String text);

  /** What is made of a text's words; empty where that is not known. */
  Optional<Understood> understood(String text);

  /** What to ask for instead of what is not understood, in words for people. */
  List<String> examples();

  @Override
  void close();
}
