import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.rewrite.ParquetRewriter;
import org.apache.parquet.hadoop.rewrite.RewriteOptions;

/**
 * Rewrites the Parquet files of a folder as one with parquet-mr's rewriter: WithParquetMr <folder>. Each line of the input names
 * a file to write and is answered by a line.
 */
class WithParquetMr {
  private static final Configuration conf = new Configuration();

  public static void main(String[] args) throws Exception {
    // Whatever else prints must not stand between the answers.
    PrintStream answers = System.out;
    System.setOut(System.err);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    answers.println("{\"pids\": [" + ProcessHandle.current().pid() + "]}");
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        rewrite(new Path(args[0]), new Path(line));
        answers.println("{}");
      } catch (Exception error) {
        answers.println("{\"error\": \"" + error.toString().replaceAll("[^ -!#-\\[\\]-~]", " ") + "\"}");
      }
    }
  }

  private static void rewrite(Path folder, Path output) throws IOException {
    List<Path> files = new ArrayList<>();
    for (FileStatus file : folder.getFileSystem(conf).listStatus(folder))
      if (file.getPath().getName().endsWith(".parquet")) files.add(file.getPath());
    files.sort(null);
    output.getFileSystem(conf).delete(output, false);
    try (ParquetRewriter rewriter = new ParquetRewriter(new RewriteOptions.Builder(conf, files, output).build())) {
      rewriter.processBlocks();
    }
  }
}
