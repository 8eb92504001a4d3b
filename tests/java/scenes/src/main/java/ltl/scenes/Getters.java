package ltl.scenes;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An answer as a program sees it that uses the product's classes: what their getters return. */
final class Getters {
  private Getters() {}

  static Object read(Object value) {
    if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) return value;
    if (value instanceof List) {
      List<Object> items = new ArrayList<>();
      for (Object item : (List<?>) value) items.add(read(item));
      return items;
    }
    if (value instanceof Map) {
      Map<String, Object> entries = new LinkedHashMap<>();
      ((Map<?, ?>) value).forEach((name, entry) -> entries.put(String.valueOf(name), read(entry)));
      return entries;
    }
    return fields(value);
  }

  private static Map<String, Object> fields(Object bean) {
    Map<String, Object> fields = new TreeMap<>();
    for (Method method : bean.getClass().getDeclaredMethods()) {
      String name = method.getName();
      if (!Modifier.isPublic(method.getModifiers()) || method.getParameterCount() > 0 || !name.startsWith("get")) continue;
      try {
        fields.put(Character.toLowerCase(name.charAt(3)) + name.substring(4), read(method.invoke(bean)));
      } catch (IllegalAccessException | InvocationTargetException error) {
        throw new IllegalStateException(name + " cannot be read", error);
      }
    }
    return fields;
  }
}
