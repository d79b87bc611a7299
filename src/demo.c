#include "demo.h"
#include "command.h"
int command_demo(int argc, char **argv, const struct config *config) {
    (void)argc; (void)argv; (void)config;
    return demo_files[0].name ? 0 : 1;
}
