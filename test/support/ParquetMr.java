import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroReadSupport;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.filter2.predicate.Operators;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/**
 * Writes and reads Parquet files with parquet-mr, at paths of a disk or of HDFS: a job per line of the input, as JSON, is
 * answered by a line. parquet-mr.ts speaks with it and tells what jobs there are.
 */
class ParquetMr {
  private static final ObjectMapper json = new ObjectMapper();
  private static final JsonNodeFactory nodes = JsonNodeFactory.instance;
  private static final Configuration conf = new Configuration();
  private static final Map<Path, ParquetReader<Group>> begun = new HashMap<>();

  public static void main(String[] args) throws Exception {
    conf.setBoolean(AvroReadSupport.READ_INT96_AS_FIXED, true);
    // Whatever else prints must not stand between the answers.
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ObjectNode answer = nodes.objectNode();
      try {
        answer.set("answer", perform(json.readTree(line)));
      } catch (Throwable error) {
        error.printStackTrace();
        answer.put("error", error + (error.getCause() == null ? "" : ": " + error.getCause()));
      }
      answers.println(answer);
    }
  }

  private static JsonNode perform(JsonNode job) throws Exception {
    Path path = new Path(job.get("path").asText());
    return switch (job.get("job").asText()) {
      case "write" -> write(path, job);
      case "read" -> read(path);
      case "readAvro" -> readAvro(path);
      case "begin" -> begin(path);
      case "finish" -> finish(path);
      case "find" -> find(path, job);
      case "splits" -> splits(path, job.get("bytes").asLong());
      case "blooms" -> blooms(path);
      default -> throw new IllegalArgumentException("no such job");
    };
  }

  private static JsonNode write(Path path, JsonNode job) throws Exception {
    JsonNode rows = job.get("rows");
    if (job.has("avro")) {
      Schema schema = new Schema.Parser().parse(job.get("avro").toString());
      GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(schema);
      AvroParquetWriter.Builder<GenericRecord> builder = AvroParquetWriter.<GenericRecord>builder(path).withSchema(schema);
      try (ParquetWriter<GenericRecord> writer = settle(builder, job).build()) {
        for (JsonNode row : rows) writer.write(reader.read(null, DecoderFactory.get().jsonDecoder(schema, row.toString())));
      }
    } else {
      MessageType schema = MessageTypeParser.parseMessageType(job.get("message").asText());
      try (ParquetWriter<Group> writer = settle(ExampleParquetWriter.builder(path).withType(schema), job).build()) {
        for (JsonNode row : rows) writer.write(toGroup(row, schema));
      }
    }
    return nodes.numberNode(rows.size());
  }

  private static <T, B extends ParquetWriter.Builder<T, B>> B settle(ParquetWriter.Builder<T, B> builder, JsonNode job) {
    B it =
        builder
            .withConf(conf)
            .withCompressionCodec(CompressionCodecName.valueOf(job.path("codec").asText("SNAPPY")))
            .withWriterVersion(job.path("v2").asBoolean() ? WriterVersion.PARQUET_2_0 : WriterVersion.PARQUET_1_0)
            .withDictionaryEncoding(job.path("dictionary").asBoolean(true))
            .withDictionaryPageSize(job.path("dictionaryBytes").asInt(1 << 20))
            .withByteStreamSplitEncoding(job.path("byteStreamSplit").asBoolean())
            .withPageRowCountLimit(job.path("pageRows").asInt(20_000))
            .withRowGroupSize(job.path("groupBytes").asLong(128 << 20))
            // Otherwise it first looks after a hundred rows.
            .withMinRowCountForPageSizeCheck(1)
            .withPageWriteChecksumEnabled(true);
    // It writes no bloom filter for what is in a dictionary.
    for (JsonNode column : job.path("blooms"))
      it.withBloomFilterEnabled(column.asText(), true)
          .withBloomFilterNDV(column.asText(), 64)
          .withDictionaryEncoding(column.asText(), false);
    return it;
  }

  private static Group toGroup(JsonNode row, GroupType type) {
    Group group = new SimpleGroup(type);
    for (Type field : type.getFields()) {
      JsonNode value = row.get(field.getName());
      if (value == null) continue;
      for (JsonNode item : field.isRepetition(Type.Repetition.REPEATED) ? value : nodes.arrayNode().add(value)) {
        if (field.isPrimitive()) addValue(group, field.asPrimitiveType(), item);
        else group.add(field.getName(), toGroup(item, field.asGroupType()));
      }
    }
    return group;
  }

  private static void addValue(Group group, PrimitiveType type, JsonNode value) {
    String name = type.getName();
    switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> group.add(name, value.asBoolean());
      case INT32 -> group.add(name, value.intValue());
      case INT64 -> group.add(name, Long.parseLong(value.asText()));
      case FLOAT -> group.add(name, Float.intBitsToFloat(Integer.parseUnsignedInt(value.asText(), 16)));
      case DOUBLE -> group.add(name, Double.longBitsToDouble(Long.parseUnsignedLong(value.asText(), 16)));
      default -> group.add(name, Binary.fromConstantByteArray(HexFormat.of().parseHex(value.asText())));
    }
  }

  private static ObjectNode toJson(Group group) {
    ObjectNode object = nodes.objectNode();
    for (Type field : group.getType().getFields()) {
      int index = group.getType().getFieldIndex(field.getName());
      ArrayNode items = nodes.arrayNode();
      for (int item = 0; item < group.getFieldRepetitionCount(index); item++)
        items.add(field.isPrimitive() ? valueOf(group, field.asPrimitiveType(), index, item) : toJson(group.getGroup(index, item)));
      if (items.size() > 0) object.set(field.getName(), field.isRepetition(Type.Repetition.REPEATED) ? items : items.get(0));
    }
    return object;
  }

  private static JsonNode valueOf(Group group, PrimitiveType type, int field, int item) {
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> nodes.booleanNode(group.getBoolean(field, item));
      case INT32 -> nodes.numberNode(group.getInteger(field, item));
      case INT64 -> nodes.textNode(Long.toString(group.getLong(field, item)));
      case FLOAT -> nodes.textNode(Integer.toHexString(Float.floatToRawIntBits(group.getFloat(field, item))));
      case DOUBLE -> nodes.textNode(Long.toHexString(Double.doubleToRawLongBits(group.getDouble(field, item))));
      case INT96 -> nodes.textNode(HexFormat.of().formatHex(group.getInt96(field, item).getBytes()));
      default -> nodes.textNode(HexFormat.of().formatHex(group.getBinary(field, item).getBytes()));
    };
  }

  /** All rows, the schema, and the rows of each row group; the checksums of pages are held against them. */
  private static JsonNode read(Path path) throws Exception {
    ObjectNode answer = nodes.objectNode();
    try (ParquetFileReader file = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf))) {
      answer.put("schema", file.getFileMetaData().getSchema().toString());
      ArrayNode groups = answer.putArray("groups");
      for (BlockMetaData block : file.getRowGroups()) groups.add(block.getRowCount());
    }
    ArrayNode rows = answer.putArray("rows");
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), path).withConf(conf).usePageChecksumVerification().build()) {
      for (Group group = reader.read(); group != null; group = reader.read()) rows.add(toJson(group).toString());
    }
    return answer;
  }

  /** Opens a file, and reads its first row. */
  private static JsonNode begin(Path path) throws Exception {
    ParquetReader<Group> reader = ParquetReader.builder(new GroupReadSupport(), path).withConf(conf).build();
    begun.put(path, reader);
    return nodes.textNode(toJson(reader.read()).toString());
  }

  /** All other rows of a file that was begun, however it looks by now. */
  private static JsonNode finish(Path path) throws Exception {
    ArrayNode rows = nodes.arrayNode();
    try (ParquetReader<Group> reader = begun.remove(path)) {
      for (Group group = reader.read(); group != null; group = reader.read()) rows.add(toJson(group).toString());
    }
    return rows;
  }

  /** All rows as Avro reads them by the Avro schema in the footer. */
  private static JsonNode readAvro(Path path) throws Exception {
    ArrayNode rows = nodes.arrayNode();
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(HadoopInputFile.fromPath(path, conf)).withConf(conf).build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) rows.add(row.toString());
    }
    return rows;
  }

  /** For each filter the rows that it finds, by the statistics, dictionaries, bloom filters and page indexes; and the rows that these left over. */
  private static JsonNode find(Path path, JsonNode job) throws Exception {
    ArrayNode found = nodes.arrayNode();
    MessageType schema;
    try (ParquetFileReader file = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf))) {
      schema = file.getFileMetaData().getSchema();
    }
    for (JsonNode filter : job.get("filters")) {
      FilterPredicate predicate = predicate(schema, filter);
      ObjectNode one = found.addObject();
      ArrayNode rows = one.putArray("rows");
      try (ParquetReader<Group> reader =
          ParquetReader.builder(new GroupReadSupport(), path).withConf(conf).withFilter(FilterCompat.get(predicate)).build()) {
        for (Group group = reader.read(); group != null; group = reader.read()) rows.add(toJson(group).toString());
      }
      ParquetReadOptions options = HadoopReadOptions.builder(conf, path).withRecordFilter(FilterCompat.get(predicate)).build();
      try (ParquetFileReader file = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf), options)) {
        one.put("left", file.getFilteredRecordCount());
      }
    }
    return found;
  }

  private static FilterPredicate predicate(MessageType schema, JsonNode filter) {
    String column = filter.get("column").asText();
    JsonNode low = filter.get("from");
    JsonNode high = filter.get("to");
    PrimitiveType type = schema.getColumnDescription(column.split("\\.")).getPrimitiveType();
    return switch (type.getPrimitiveTypeName()) {
      case INT32 -> between(FilterApi.intColumn(column), low.intValue(), high.intValue());
      case INT64 -> between(FilterApi.longColumn(column), Long.parseLong(low.asText()), Long.parseLong(high.asText()));
      case BINARY, FIXED_LEN_BYTE_ARRAY -> between(FilterApi.binaryColumn(column), binary(low), binary(high));
      default -> throw new IllegalArgumentException("no filters on " + type);
    };
  }

  private static Binary binary(JsonNode hex) {
    return Binary.fromConstantByteArray(HexFormat.of().parseHex(hex.asText()));
  }

  private static <T extends Comparable<T>, C extends Operators.Column<T> & Operators.SupportsLtGt> FilterPredicate between(
      C column, T low, T high) {
    // Only equality asks bloom filters.
    if (low.equals(high)) return FilterApi.eq((Operators.Column<T> & Operators.SupportsEqNotEq) cast(column), low);
    return FilterApi.and(FilterApi.gtEq(column, low), FilterApi.ltEq(column, high));
  }

  @SuppressWarnings("unchecked")
  private static <T> T cast(Object value) {
    return (T) value;
  }

  /** The rows of each split of so many bytes: a row group belongs to the one that holds its middle. */
  private static JsonNode splits(Path path, long bytes) throws Exception {
    ArrayNode counts = nodes.arrayNode();
    long length = path.getFileSystem(conf).getFileStatus(path).getLen();
    for (long start = 0; start < length; start += bytes) {
      ParquetReadOptions options = HadoopReadOptions.builder(conf, path).withRange(start, Math.min(start + bytes, length)).build();
      try (ParquetFileReader file = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf), options)) {
        long rows = 0;
        for (PageReadStore pages = file.readNextRowGroup(); pages != null; pages = file.readNextRowGroup()) rows += pages.getRowCount();
        counts.add(rows);
      }
    }
    return counts;
  }

  /** How many bloom filters there are, how many values they were asked for, and of which columns they denied one. */
  private static JsonNode blooms(Path path) throws Exception {
    ObjectNode answer = nodes.objectNode();
    ArrayNode denied = answer.putArray("denied");
    long filters = 0;
    long asked = 0;
    try (ParquetFileReader file = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf))) {
      MessageType schema = file.getFileMetaData().getSchema();
      for (BlockMetaData block : file.getRowGroups()) {
        PageReadStore pages = file.readNextRowGroup();
        for (ColumnChunkMetaData chunk : block.getColumns()) {
          BloomFilter filter = file.getBloomFilterDataReader(block).readBloomFilter(chunk);
          if (filter == null) continue;
          filters++;
          for (long hash : hashes(schema, chunk, pages, filter, file.getFileMetaData().getCreatedBy())) {
            asked++;
            if (!filter.findHash(hash)) denied.add(chunk.getPath().toDotString());
          }
        }
      }
    }
    return answer.put("filters", filters).put("asked", asked);
  }

  private static List<Long> hashes(
      MessageType schema, ColumnChunkMetaData chunk, PageReadStore pages, BloomFilter filter, String createdBy) {
    ColumnDescriptor column = schema.getColumnDescription(chunk.getPath().toArray());
    ColumnReader reader =
        new ColumnReadStoreImpl(pages, new GroupRecordConverter(schema).getRootConverter(), schema, createdBy).getColumnReader(column);
    List<Long> hashes = new ArrayList<>();
    for (long value = 0; value < reader.getTotalValueCount(); value++, reader.consume()) {
      if (reader.getCurrentDefinitionLevel() < column.getMaxDefinitionLevel()) continue;
      hashes.add(
          switch (column.getPrimitiveType().getPrimitiveTypeName()) {
            case INT32 -> filter.hash(reader.getInteger());
            case INT64 -> filter.hash(reader.getLong());
            case FLOAT -> filter.hash(reader.getFloat());
            case DOUBLE -> filter.hash(reader.getDouble());
            default -> filter.hash(reader.getBinary());
          });
    }
    return hashes;
  }
}
