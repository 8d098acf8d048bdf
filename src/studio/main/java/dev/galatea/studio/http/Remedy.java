package dev.galatea.studio.http;

import dev.galatea.records.result.Reject;

/** Says what a sender can do about a reject, beside what its message says. */
final class Remedy {
  private Remedy() {}

  static String of(Reject.Reason reason) {
    return switch (reason) {
      case UNDECODABLE, UNKNOWN_SCHEMA ->
          "Write the value with a schema of schemas/, in the form that galatea.kafka.format names.";
      case RECORD_TOO_LARGE -> "Send a smaller photo, or raise galatea.kafka.max-record-size.";
      case WRONG_KEY -> "Use the identity, as UTF-8, as the record's key.";
      case BAD_IDENTITY, BAD_REQUEST_ID -> "Use a shorter name without control characters.";
      case BAD_TIMESTAMP -> "Give the time in milliseconds since 1970.";
      case BAD_STEPS -> "Ask for fewer steps, or leave them to the pack.";
      case UNSUPPORTED_IMAGE -> "Send a PNG, JPEG or WebP file.";
      case CORRUPT_IMAGE -> "Save the picture again and send the new file.";
      case IMAGE_TOO_LARGE -> "Make the picture smaller, and send it again.";
      case BAD_REFERENCE -> "Send the picture itself, or refer to one that the job may read.";
      case REFERENCE_UNREADABLE -> "Write the file first, and send the request again.";
      case NO_FACE -> "Send a photo of one face from the front.";
      case FACE_TOO_SMALL -> "Send a photo in which the face is larger.";
      case FACE_NOT_VISIBLE -> "Send a photo in which the whole face is seen from the front.";
      case BAD_CAMERA -> "Leave camera and views out, or give yaw and pitch in radians.";
      case BAD_PROMPT -> "Use fewer words, and a strength near 1.";
      case PROMPT_NOT_UNDERSTOOD -> "Use words that the pack understands.";
      case BAD_LIGHT -> "Use a weaker light from some direction.";
      case GUIDANCE_NOT_IN_PACK -> "Use a pack that has the network for it.";
      case PACK_CHANGED -> "Send the photo again, or start the job with the former pack.";
      case CANCELLED -> "Send it again if it is wanted after all.";
      case NOT_WAITING -> "Name a request that still waits.";
      case VERSION_NOT_KEPT -> "Name one of the last versions before the avatar's own.";
      case FORGOTTEN -> "Send a photo to begin anew.";
      case INBOX_FULL -> "Wait until earlier requests are done, and send it again.";
      case TOO_LATE -> "Send it again with a later deadline, or none.";
      case DIVERGED -> "Send it again with fewer steps or less strength.";
      case OUT_OF_DEVICE_MEMORY -> "Give the device more memory, or use a smaller pack.";
      case RENDER_TOO_LARGE -> "Raise galatea.render.max-size, or draw fewer views.";
      case FAILED -> "Look into the job's log, and send it again.";
    };
  }
}
