package dev.galatea.engine.validate;

import java.util.List;

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

  /** What to ask for instead of what is not understood, in words for people. */
  List<String> examples();

  @Override
  void close();
}
