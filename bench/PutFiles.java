import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Writes the bytes of a local file (the first argument) to each HDFS path on standard input: WebHDFS makes a client for
 * each file, which is ten times slower.
 */
class PutFiles {
  public static void main(String[] args) throws Exception {
    byte[] bytes = Files.readAllBytes(java.nio.file.Path.of(args[0]));
    FileSystem lake = FileSystem.get(new Configuration());
    ExecutorService writers = Executors.newFixedThreadPool(16);
    List<Future<?>> written = new ArrayList<>();
    new BufferedReader(new InputStreamReader(System.in)).lines().forEach(path -> written.add(writers.submit(() -> {
      try (FSDataOutputStream out = lake.create(new Path(path), true)) {
        out.write(bytes);
      }
      return null;
    })));
    for (Future<?> file : written) file.get();
    writers.shutdown();
  }
}
