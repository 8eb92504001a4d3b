package ltl;

import com.aliyuncs.AcsResponse;
import com.aliyuncs.transform.UnmarshallerContext;
import java.util.Map;
import java.util.TreeMap;

/** An answer as the official core's reader takes it apart: dotted field names to text. */
public class FlatAnswer extends AcsResponse {
  private final Map<String, String> fields = new TreeMap<>();

  Map<String, String> fields() {
    return fields;
  }

  @Override
  public AcsResponse getInstance(UnmarshallerContext context) {
    String prefix = prefixOf(getClass()) + ".";
    context.getResponseMap().forEach((name, value) -> {
      if (name.startsWith(prefix)) fields.put(name.substring(prefix.length()), value);
    });
    return this;
  }

  /** The product's answers with lists inside (ListProofChain) are read without item names. */
  @Override
  public boolean checkShowJsonItemName() {
    return false;
  }

  /** The core prefixes every field with the answer's class name, package left out. */
  static String prefixOf(Class<?> answerClass) {
    return answerClass.getName().substring(answerClass.getName().lastIndexOf('.') + 1);
  }
}
