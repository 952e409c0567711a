#include <jansson.h>
#include <stdio.h>

int main(void)
{
	char line[4096];
	unsigned count = 0;
	while (fgets(line, sizeof line, stdin) != NULL) {
		json_t *value = json_loads(line, 0, NULL);
		count += value != NULL;
		json_decref(value);
	}
	return printf("%u\n", count) < 0;
}
