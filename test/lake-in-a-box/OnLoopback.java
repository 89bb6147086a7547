import java.lang.reflect.Field;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * Runs the main class that is its first argument, with the wildcard address changed to 127.0.0.1: for servers that cannot
 * be told on which address to listen. Needs IPv4 preferred and java.base/java.net open.
 */
class OnLoopback {
  public static void main(String[] args) throws Exception {
    Field implementation = InetAddress.class.getDeclaredField("impl");
    implementation.setAccessible(true);
    Object ofVersion4 = implementation.get(null);
    Field wildcard = ofVersion4.getClass().getDeclaredField("anyLocalAddress");
    wildcard.setAccessible(true);
    wildcard.set(ofVersion4, InetAddress.getByName("127.0.0.1"));
    String[] others = Arrays.copyOfRange(args, 1, args.length);
    Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object) others);
  }
}
