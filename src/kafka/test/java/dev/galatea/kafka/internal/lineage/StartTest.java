package dev.galatea.kafka.internal.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.kafka.KafkaOptions.Departure;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StartTest {
  /** Two subtasks have written: one after checkpoint 7, one after checkpoint 9. */
  private static final Lineage NINE =
      new Lineage(
          Optional.of("first"), Map.of(0, new Mark(0, "first", 7), 1, new Mark(1, "first", 9)), 2);

  private static final Lineage EMPTY = new Lineage(Optional.empty(), Map.of(), 2);

  @Test
  void theFirstJobBeginsItsOwnLine() throws LineageException {
    assertThat(fresh().follow(EMPTY)).isEqualTo("run");
    assertThat(from(12, "").follow(EMPTY)).isEqualTo("run");
  }

  @Test
  void aCheckpointAheadOfWhatIsCommittedGoesOnWithItsLine() throws LineageException {
    assertThat(from(10, "first").follow(NINE)).isEqualTo("first");
    assertThat(from(10, "first").follow(EMPTY)).isEqualTo("first");
  }

  @Test
  void aCheckpointBehindWhatIsCommittedIsRefused() {
    assertRefused(from(9, "first"), NINE, "checkpoint 9 lies behind renders");
    assertRefused(from(9, "first"), NINE, "--allow-rewind");
  }

  @Test
  void aStartWithoutAvatarsIsRefusedOnceRendersAreCommitted() {
    assertRefused(fresh(), NINE, "--start-anew");
  }

  @Test
  void aStartWithoutAvatarsIsTheFirstAsLongAsNothingIsCommitted() throws LineageException {
    assertThat(fresh().follow(new Lineage(Optional.of("first"), Map.of(), 2))).isEqualTo("run");
  }

  @Test
  void aCheckpointOfOthersIsRefusedHoweverHighItsNumber() {
    assertRefused(from(99, "another"), NINE, "not of the jobs that wrote last");
  }

  @Test
  void whoAsksForItBeginsALineOfItsOwn() throws LineageException {
    assertThat(from(3, "first", Departure.REWIND).follow(NINE)).isEqualTo("run");
    assertThat(from(99, "another", Departure.REWIND).follow(NINE)).isEqualTo("run");
    assertThat(fresh(Departure.ANEW).follow(NINE)).isEqualTo("run");
  }

  @Test
  void whoAsksForOneDepartureIsNotGivenTheOther() {
    assertRefused(fresh(Departure.REWIND), NINE, "--start-anew");
    assertRefused(from(3, "first", Departure.ANEW), NINE, "--allow-rewind");
  }

  @Test
  void aJobThatWentBackGoesOnAfterItsNextFailures() throws LineageException {
    Lineage wentBack = new Lineage(Optional.of("run"), NINE.committed(), 2);
    assertThat(from(3, "first", Departure.REWIND).follow(wentBack)).isEqualTo("run");
    Lineage wrote =
        new Lineage(
            Optional.of("run"), Map.of(0, new Mark(0, "run", 4), 1, new Mark(1, "first", 9)), 2);
    assertThat(from(5, "run", Departure.REWIND).follow(wrote)).isEqualTo("run");
  }

  @Test
  void aJobThatWentBackIsNotToGoBackTwice() {
    Lineage wrote = new Lineage(Optional.of("run"), Map.of(0, new Mark(0, "run", 4)), 1);
    assertRefused(from(3, "first", Departure.REWIND), wrote, "lies behind");
    assertRefused(fresh(Departure.ANEW), wrote, "would begin without its avatars");
  }

  @Test
  void aLineThatWasLeftWithoutATraceIsTakenUpOnlyWhereItEnded() throws LineageException {
    Lineage left = new Lineage(Optional.of("second"), NINE.committed(), 2);
    assertThat(from(10, "first").follow(left)).isEqualTo("first");
    assertRefused(from(9, "first"), left, "lies behind");
  }

  @Test
  void aCheckpointThatDoesNotTellItsLineIsJudgedByItsNumber() throws LineageException {
    assertThat(from(10, "").follow(NINE)).isEqualTo("first");
    assertRefused(from(9, ""), NINE, "lies behind");
  }

  @Test
  void aTransactionIsCommittedIfItsMarkOrALaterOneIsThere() {
    assertThat(NINE.isCommitted(new Mark(1, "first", 9))).isTrue();
    assertThat(NINE.isCommitted(new Mark(1, "first", 8))).isTrue();
    assertThat(NINE.isCommitted(new Mark(1, "first", 10))).isFalse();
    assertThat(NINE.isCommitted(new Mark(0, "first", 9))).isFalse();
    assertThat(NINE.isCommitted(new Mark(1, "another", 9))).isFalse();
    assertThat(NINE.isCommitted(new Mark(2, "first", 0))).isFalse();
  }

  private static void assertRefused(Start start, Lineage last, String why) {
    assertThatThrownBy(() -> start.follow(last))
        .isInstanceOf(LineageException.class)
        .hasMessageContaining(why);
  }

  private static Start fresh() {
    return fresh(Departure.REFUSE);
  }

  private static Start fresh(Departure departure) {
    return new Start("renders", "run", OptionalLong.empty(), Optional.empty(), departure);
  }

  private static Start from(long checkpoint, String line) {
    return from(checkpoint, line, Departure.REFUSE);
  }

  private static Start from(long checkpoint, String line, Departure departure) {
    return new Start(
        "renders",
        "run",
        OptionalLong.of(checkpoint),
        Optional.of(line).filter(known -> !known.isEmpty()),
        departure);
  }
}
