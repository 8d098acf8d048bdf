package dev.galatea.cli.avatars;

import dev.galatea.cli.UserError;
import dev.galatea.records.result.LatestAvatar;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where avatars are read from. */
public interface AvatarSource {
  /**
   * The avatars, ordered by identity; each is known.
   *
   * @throws UserError if they cannot be read
   */
  List<LatestAvatar> avatars();

  /** Some of the avatars, in the order in which they are named; all where none is named. */
  default List<LatestAvatar> avatars(List<String> identities) {
    List<LatestAvatar> all = avatars();
    if (identities.isEmpty()) {
      return all;
    }
    Map<String, LatestAvatar> byIdentity = new TreeMap<>();
    all.forEach(avatar -> byIdentity.put(avatar.identity(), avatar));
    return identities.stream()
        .map(
            identity -> {
              LatestAvatar avatar = byIdentity.get(identity);
              if (avatar == null) {
                throw new UserError(
                    "there is no avatar of '%s' among %d: 'galatea avatars list' shows them"
                        .formatted(identity, all.size()));
              }
              return avatar;
            })
        .toList();
  }
}
