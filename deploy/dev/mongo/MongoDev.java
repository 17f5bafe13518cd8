import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;

/**
 * A MongoDB-compatible server for development and tests, kept in one file on disk.
 *
 * <p>Usage: {@code java -cp "JARS/*" MongoDev.java FILE HOST PORT}. It shows that an adapter is right, never how fast
 * MongoDB is. It has no sessions and no transactions, as a MongoDB without a replica set has none. After a kill the
 * last second of writes may be gone.
 */
public final class MongoDev {

  /** The library's own versions announce wire version 8; current drivers refuse anything below 9. */
  private static final MongoVersion ANNOUNCED =
      new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
          return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
          return 9;
        }
      };

  private MongoDev() {}

  public static void main(String[] arguments) {
    if (arguments.length != 3) {
      System.err.println("usage: MongoDev.java FILE HOST PORT");
      System.exit(2);
    }
    MongoServer server = new MongoServer(new H2Backend(arguments[0]).version(ANNOUNCED));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow, "shutdown"));
    server.bind(arguments[1], Integer.parseInt(arguments[2]));
  }
}
