package dev.galatea.cli.docs;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

/** Kafka's own authorizer, which also keeps what one user asked for. Made by the broker. */
public final class WatchedAuthorizer extends StandardAuthorizer {
  static final String USER = "galatea";
  static final Set<Question> ALLOWED = ConcurrentHashMap.newKeySet();
  static final Set<Question> DENIED = ConcurrentHashMap.newKeySet();

  /** What the user wanted to do. */
  record Question(ResourceType resource, String name, AclOperation operation) {}

  @Override
  public List<AuthorizationResult> authorize(
      AuthorizableRequestContext context, List<Action> actions) {
    List<AuthorizationResult> answers = super.authorize(context, actions);
    if (context.principal().getName().equals(USER)) {
      for (int i = 0; i < actions.size(); i++) {
        Action action = actions.get(i);
        if (isAside(action)) {
          continue;
        }
        Question question =
            new Question(
                action.resourcePattern().resourceType(),
                action.resourcePattern().name(),
                action.operation());
        (answers.get(i) == AuthorizationResult.ALLOWED ? ALLOWED : DENIED).add(question);
      }
    }
    return answers;
  }

  /**
   * Whether the broker asks for itself. It tells a client that lists topics what it might do with
   * each. Of an idempotent producer it asks first for the whole cluster, and then, under a name of
   * its own, for any topic that may be written.
   */
  private static boolean isAside(Action action) {
    return (!action.logIfAllowed() && !action.logIfDenied())
        || action.operation() == AclOperation.IDEMPOTENT_WRITE
        || action.resourcePattern().name().equals("hardcode");
  }
}
