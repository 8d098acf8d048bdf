package dev.galatea.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.cli.requests.RequestLine;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestSequencerTest {
  private final RequestLine a1 = line(1, "a");
  private final RequestLine b1 = line(2, "b");
  private final RequestLine a2 = line(3, "a");
  private final RequestSequencer turns = new RequestSequencer(List.of(a1, b1, a2));

  @Test
  void oneRequestOfEachIdentityIsOnItsWay() {
    assertThat(turns.first()).containsExactly(a1, b1);
    assertThat(turns.answered(a1)).contains(a2);
    assertThat(turns.onItsWay("a")).contains(a2);
    assertThat(turns.answered(b1)).isEmpty();
    assertThat(turns.onItsWay("b")).isEmpty();
    assertThat(turns.done()).isFalse();
    assertThat(turns.answered(a2)).isEmpty();
    assertThat(turns.done()).isTrue();
  }

  @Test
  void anAnswerOutOfTurnIsAMistake() {
    assertThatThrownBy(() -> turns.answered(a2)).isInstanceOf(IllegalStateException.class);
  }

  private static RequestLine line(int number, String identity) {
    return new RequestLine(
        "line " + number,
        identity,
        "line-" + number,
        Optional.empty(),
        Request.Kind.PROMPT,
        "smiling",
        header -> new Prompt(header, "smiling", "", 1));
  }
}
