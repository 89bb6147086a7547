import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;

/**
 * A JobManager and a TaskManager in one process, with Flink's REST interface, which takes jars of jobs. Its argument is the
 * folder of config.yaml. Ends by a signal.
 */
class FlinkCluster {
  public static void main(String[] args) throws Exception {
    var config = GlobalConfiguration.loadConfiguration(args[0]);
    FileSystem.initialize(config, null);
    var cluster = new MiniCluster(
        new MiniClusterConfiguration.Builder()
            .setConfiguration(config)
            .setNumTaskManagers(1)
            .setNumSlotsPerTaskManager(4)
            .withRandomPorts()
            .build());
    cluster.start();
    Thread.currentThread().join();
  }
}
